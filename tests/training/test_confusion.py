from training.confusion import SHADES, Confusion


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
