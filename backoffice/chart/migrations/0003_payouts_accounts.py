from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chart", "0002_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentmethodmapping",
            name="correction_ledger_account",
            field=models.CharField(blank=True, default="", max_length=20, verbose_name="correction account"),
        ),
        migrations.AddField(
            model_name="paymentmethodmapping",
            name="deposit_ledger_account",
            field=models.CharField(blank=True, default="", max_length=20, verbose_name="deposit account"),
        ),
        migrations.AddField(
            model_name="paymentmethodmapping",
            name="dispute_ledger_account",
            field=models.CharField(blank=True, default="", max_length=20, verbose_name="dispute account"),
        ),
    ]
