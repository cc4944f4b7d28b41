from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("settlements", "0001_first"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payoutentry",
            index=models.Index(
                condition=models.Q(("kind", "payout"), ("voucher", None)),
                fields=["account"],
                name="payout_entry_returned",
            ),
        ),
    ]
