"""The pages of the board: the picture, the wall, notes on the time line, mailings."""
