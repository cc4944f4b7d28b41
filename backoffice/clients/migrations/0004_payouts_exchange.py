from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0003_day_closings"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="exchange_gain_ledger_account",
            field=models.CharField(default="8060", max_length=20, verbose_name="exchange gain account"),
        ),
        migrations.AddField(
            model_name="client",
            name="exchange_loss_ledger_account",
            field=models.CharField(default="8160", max_length=20, verbose_name="exchange loss account"),
        ),
    ]
