"""What steps write and read, one module per artefact: its file names, its schema, its digest. Only it knows them."""
