from training.sketch import HEIGHT, WIDTH, sketch


def test_every_layer_is_a_column_inside_the_picture():
    columns = sketch((784, 4096, 1, 10))
    assert [column.size for column in columns] == [784, 4096, 1, 10]
    assert all(0 < column.x < WIDTH for column in columns)
    assert all(0 < y < HEIGHT for column in columns for y in column.dots)


def test_more_neurons_are_more_dots_but_never_a_crowd():
    (small, large) = sketch((10, 4096))
    assert 1 < len(small.dots) < len(large.dots) <= 12


def test_neighbours_are_joined_dot_by_dot():
    columns = sketch((2, 3))
    assert len(columns.edges) == len(columns[0].dots) * len(columns[1].dots)
