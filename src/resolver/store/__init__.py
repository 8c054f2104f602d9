"""What is stored: tables, migrations and queries. The only place with SQL."""
