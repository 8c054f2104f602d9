"""Mail: one-time codes to addresses stored on records, through an SMTP server."""
