"""Documents go with their vouchers; those of before stay where they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_first"), ("vouchers", "0004_attachments_first")]

    operations = [
        migrations.AddField(
            model_name="documentpolicy",
            name="attaches_to_voucher",
            field=models.BooleanField(
                default=True,
                help_text="As documentation of the sale in the accounting system. Also where nobody has chosen.",
                verbose_name="attach documents to the vouchers of invoices that the sales system issued",
            ),
        ),
        migrations.AddField(
            model_name="issueddocument",
            name="awaits_voucher",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="issueddocument",
            name="awaits_voucher",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddIndex(
            model_name="issueddocument",
            index=models.Index(
                condition=models.Q(("awaits_voucher", True), ("state", "rendered")),
                fields=["client", "id"],
                name="document_awaits_voucher",
            ),
        ),
    ]
