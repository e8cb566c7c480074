from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0010_issues_of_parts_and_letters_on_publication")]
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION newsletter_remember_slug() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO newsletter_formerslug (slug, newsletter_id) VALUES (OLD.slug, NEW.id)
                ON CONFLICT (slug) DO UPDATE SET newsletter_id = NEW.id;
                RETURN NULL;
            END $$;
            CREATE TRIGGER newsletter_remember_slug AFTER UPDATE OF slug ON newsletter_newsletter
            FOR EACH ROW WHEN (OLD.slug <> NEW.slug) EXECUTE FUNCTION newsletter_remember_slug();
            """,
            "DROP FUNCTION newsletter_remember_slug() CASCADE",
        )
    ]
