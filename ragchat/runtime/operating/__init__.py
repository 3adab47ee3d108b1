"""What whoever runs a server needs beside its answers: logs, traces, a look at its health, backup and restore."""
