from django.db import migrations

from newsroom.audit.append_only import FUNCTION, guard


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]
    operations = [FUNCTION, guard("audit_entry")]
