"""`resolver docs`: pages on the screen, in a folder, as JSON; the reference; and what it says when there is none."""


def test_the_page_of_a_named_playbook_is_printed(resolver):
    ended = resolver("docs", "refund_order")

    assert ended.code == 0
    assert ended.out.startswith("# Refund an order, whole or in part\n")
    assert "\n# " not in ended.out


def test_all_pages_are_written_into_a_folder_and_named(resolver, tmp_path):
    ended = resolver("docs", "--out", tmp_path / "pages")

    names = sorted(path.name for path in (tmp_path / "pages").iterdir())
    assert ended.code == 0
    assert "refund_order.policy.md" in names
    assert [name for name in names if str(tmp_path / "pages" / name) not in ended.out] == []


def test_as_json_each_page_stands_with_its_plan(resolver):
    [page] = resolver("docs", "cancel_order", "--json").data["pages"]

    assert page["playbook"] == "cancel_order"
    assert page["plan"] in page["text"]
    assert page["file"] is None


def test_a_playbook_that_is_not_there_ends_with_two_and_what_there_is(resolver):
    ended = resolver("docs", "refund_ordr")

    assert ended.code == 2
    assert "refund_ordr" in ended.err
    assert "refund_order" in ended.err


def test_the_reference_is_written_into_a_folder_and_goes_with_nothing_else(resolver, tmp_path):
    ended = resolver("docs", "--reference", "--out", tmp_path / "pages")

    assert ended.code == 0
    assert (tmp_path / "pages" / "reference.md").read_text("utf-8").startswith("# Reference\n")
    assert resolver("docs", "--reference", "refund_order").code == 2
