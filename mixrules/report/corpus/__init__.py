"""What a corpus looks like: statistics, figures on one scale, and the page of `describe`."""
