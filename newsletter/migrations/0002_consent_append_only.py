from django.db import migrations

from newsroom.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0001_initial"), ("audit", "0003_append_only")]
    operations = [guard("newsletter_consent")]
