"""What attackers send, and the site that they attack."""
