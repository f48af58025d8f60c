from training.ml.evaluation.confusion import SHADES, Confusion


def matrix():
    counts = [[0] * 10 for _ in range(10)]
    for digit in range(9):
        counts[digit][digit] = 90
    counts[4][9] = 10
    counts[7][2] = 1
    return counts


def test_rates_and_shades_follow_the_counts():
    rows = Confusion(matrix()).rows
    assert rows[4].accuracy == 0.9
    assert rows[4].cells[9].shade == SHADES
    assert rows[7].cells[2].shade == 1, "the rarest mistake is still visible"
    assert rows[0].cells[1].shade == 0


def test_a_label_without_images_has_no_rate():
    assert Confusion(matrix()).rows[9].accuracy is None


def test_the_commonest_mistakes_come_first():
    worst = Confusion(matrix()).worst
    assert [(cell.label, cell.prediction) for cell in worst] == [(4, 9), (7, 2)]


def test_a_perfect_network_has_no_mistakes():
    counts = [[5 * (i == j) for j in range(10)] for i in range(10)]
    assert Confusion(counts).worst == []
    assert Confusion(counts).total == 50


def test_labels_may_have_names():
    names = ("T-shirt", *"123456789")
    counts = matrix()
    counts[0][4] = 20
    confusion = Confusion(counts, names)
    assert [row.name for row in confusion.rows[:2]] == ["T-shirt", ""], "a digit's name is its number"
    assert (confusion.worst[0].label_name, confusion.worst[0].prediction_name) == ("T-shirt", "4")
