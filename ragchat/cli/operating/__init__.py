"""Commands of those who run the service: keys, doctor, backup and restore, and how `serve` opens its doors."""
