"""Pages of PDF files as images, with a quote's words marked. Drawn in a child process: files are somebody else's."""
