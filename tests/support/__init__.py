"""What tests share: no test is here."""
