"""What lies on the disk: durable files, the lock, the manifest, and the errors that disks and files give."""
