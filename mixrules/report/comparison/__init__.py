"""Which system comes nearer to the engineers' mixes: figures and page of `compare`."""
