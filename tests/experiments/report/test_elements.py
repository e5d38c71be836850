from keras_mtkd.experiments.report.elements import as_text, element


def test_texts_are_escaped_and_stay_in_order():
    made = element("p", "1 < 2 & ", element("b", "so"), " on", " and on", element("br"))
    assert as_text([made]) == "<p>1 &lt; 2 &amp; <b>so</b> on and on<br></p>"


def test_attributes_are_written_as_html_has_them():
    made = element("td", class_="cell", aria_label='"x"', hidden=True, id=None, lang=False)
    assert made.attrib == {"class": "cell", "aria-label": '"x"', "hidden": ""}
    assert as_text([element("a", title='"x"')]) == '<a title="&quot;x&quot;"></a>'


def test_one_line_an_element():
    assert as_text([element("i", "a"), element("b", "c")]) == "<i>a</i>\n<b>c</b>"
