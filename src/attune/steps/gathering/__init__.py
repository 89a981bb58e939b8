"""What `register` and `report` gather from the other steps."""
