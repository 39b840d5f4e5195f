"""Tables as CSV: read as spreadsheets save them, written so that no cell is run as a formula."""
