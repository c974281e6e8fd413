SELECT 1; -- place of the migration of drafts
