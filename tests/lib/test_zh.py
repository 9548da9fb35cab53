"""Words as official papers write them."""

from harbor_plan.lib import zh


def test_quotation_marks_within_quotation_marks_are_single():
    assert zh.quoted("治理废气") == "“治理废气”"
    assert zh.quoted("“五水共治”行动") == "“‘五水共治’行动”"
