"""Database migrations, outside the app through MIGRATION_MODULES."""
