from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0003_refunds"),
    ]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="is_advance",
            field=models.BooleanField(default=False, verbose_name="advance payment"),
        ),
    ]
