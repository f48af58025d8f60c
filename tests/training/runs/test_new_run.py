"""The form of a new run, as a browser and a script send it: whole pages, parts for htmx, nothing lost on the way."""

import html
import re
import uuid
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tests.quotas import limit
from training.ml import nn
from training.ml.config.help import HELP
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import LAYER_TYPES
from training.ml.config.templates import TEMPLATES, dense
from training.ml.engines import ENGINES
from training.models import InitialNetwork, Network, Run, Status
from tryml.accounts.models import Preferences

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sent(monkeypatch):
    """The runs that were put in line, instead of messages in a queue that no worker reads."""
    runs = []
    monkeypatch.setattr("training.worker.submission.enqueue", runs.append)
    return runs


def filled(**changes):
    """What a script sends: the sizes of the layers in short."""
    usual = Hyperparameters().to_dict()
    fields = {name: "" if usual[name] is None else usual[name] for name in HELP}
    more = {
        "hidden_layer_sizes": "128, 64",
        "experiment": "First steps",
        "name": "",
        "token": str(uuid.uuid4()),
    }
    return {**fields, **more, **changes}


def of_page(page: str) -> dict[str, str]:
    """What a browser would send of the page's controls, no button pressed."""
    form = page[page.index("data-run-form") :]
    data = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") not in {"radio", "checkbox"} or " checked" in tag:
            data[attributes.get("name", "")] = html.unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        data[name] = [
            *re.findall(r'value="([^"]*)" selected', options),
            *re.findall(r'value="([^"]*)"', options),
        ][0]
    data.pop("", None)
    return data


def test_the_form_starts_with_good_defaults(owners):
    page = owners.get(reverse("training:new")).content.decode()
    data = of_page(page)
    assert (data["layer-0-units"], data["layer-1-units"]) == ("128", "64")
    assert "109,386" in page, "the parameter count"
    assert all(name in data for name in HELP)


def test_the_form_as_it_is_starts_a_run_of_the_defaults(owners, sent, django_capture_on_commit_callbacks):
    data = of_page(owners.get(reverse("training:new")).content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        response = owners.post(reverse("training:new"), data)
    run = Run.objects.get()
    assert response.url == run.get_absolute_url()
    assert run.hyperparameters.differences(Hyperparameters()) == {}
    assert (run.status, run.engine, run.experiment.name) == (Status.QUEUED, "numpy", "First steps")
    assert sent == [run]


def test_a_script_may_name_sizes_alone(owners, sent):
    owners.post(reverse("training:new"), filled(hidden_layer_sizes="32", activation="tanh", dropout="0.2"))
    assert Run.objects.get().hyperparameters.layers == dense(32, activation="tanh", dropout=0.2)


def test_the_same_form_sent_twice_starts_one_run(owners, sent):
    form = filled()
    first = owners.post(reverse("training:new"), form)
    second = owners.post(reverse("training:new"), form)
    assert first.url == second.url
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("batch_size", "0", "at least 1"),
        ("learning_rate", "fast", "Enter a number"),
        ("learning_rate", "", "required"),
        ("hidden_layer_sizes", "9000", "at most 4,096"),
        ("hidden_layer_sizes", "4096, 4096, 4096", "20,000,000"),
        ("hidden_layer_sizes", "many", "whole number"),
        ("activation", "softplus", "valid choice"),
        ("training_images", "70000", "training images"),
        ("epochs", "1e400", "whole number"),
        ("patience", "-3", "at least 1"),
        ("engine", "abacus", "no engine of this name"),
        ("dataset", "own-7", "valid choice"),
        ("initial_network", "7", "valid choice"),
        ("experiment", "", "required"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(owners, sent, network, field, value, message):
    changes = {"name": "kept", field: value}
    response = owners.post(reverse("training:new"), filled(**changes))
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert 'value="kept"' in page
    if field not in {"engine", "dataset", "activation", "initial_network"}:
        first = value.partition(",")[0]
        assert f'value="{first}"' in page
    assert not Run.objects.exists()


def test_nobody_fills_the_line(owners, make_run, settings, sent):
    limit(settings, waiting=2)
    make_run()
    make_run()
    response = owners.post(reverse("training:new"), filled())
    assert "2 of your runs are queued" in response.content.decode()


def test_while_one_types_the_network_is_weighed_and_no_control_is_replaced(owners):
    page = owners.post(reverse("training:check"), filled(hidden_layer_sizes="32")).content.decode()
    assert "25,450" in page
    assert "<select" not in page
    assert not [tag for tag in re.findall("<input[^>]*>", page) if 'type="hidden"' not in tag]
    assert "a row of 32" in page
    page = owners.post(reverse("training:check"), filled(dropout="2")).content.decode()
    assert 'id="error-layer-1-rate"' in page
    assert "less than 0.95" in page


def test_every_part_that_is_pushed_has_its_place_in_the_page(owners, network):
    for data in (filled(), filled(learning_rate="x", hidden_layer_sizes="9, x", augment_shift="2")):
        page = owners.post(reverse("training:new"), data | {"layers": "start"}).content.decode()
        pushed = owners.post(reverse("training:check"), data).content.decode()
        parts = re.findall(r'<[a-z]+[^>]*\bid="([^"]+)"[^>]*hx-swap-oob="true"', pushed)
        assert len(parts) > 40
        assert {part for part in parts if f'id="{part}"' not in page} == set()


@pytest.mark.parametrize("kind", LAYER_TYPES)
def test_a_layer_is_added_with_the_rest_kept(owners, sent, kind):
    data = of_page(owners.get(reverse("training:new")).content.decode()) | {"epochs": "x", "name": "kept"}
    part = owners.post(reverse("training:new"), data | {"layers": f"add-1-{kind}"}, headers=HTMX)
    page = part.content.decode()
    assert part.status_code == 200
    assert page.startswith('<div class="layers"')
    assert f'name="layer-1-type"\n           value="{kind}"' in page
    assert len(re.findall(r'id="layer-\d"', page)) == 4
    assert page.count("autofocus") == 1
    whole = owners.post(reverse("training:new"), data | {"layers": f"add-1-{kind}"}).content.decode()
    assert of_page(whole)["layer-2-units"] == "64"
    assert (of_page(whole)["epochs"], of_page(whole)["name"]) == ("x", "kept")
    assert not Run.objects.exists()


def test_a_template_replaces_the_layers_says_so_and_is_undone(owners):
    url = reverse("training:new")
    data = of_page(owners.get(url).content.decode()) | {"layer-0-units": "12x"}
    page = owners.post(url, data | {"layers": "template-4"}).content.decode()
    assert "These are the layers of “Keras example CNN”." in page
    data = of_page(page)
    assert data["layer-2-filters"] == "64"
    assert "34,826" in page
    data = of_page(owners.post(url, data | {"layers": "undo"}).content.decode())
    assert (data["layer-0-units"], data["layer-1-units"]) == ("12x", "64")


def test_a_shape_that_does_not_fit_offers_what_mends_it(owners):
    url = reverse("training:new")
    data = of_page(owners.post(url, filled(layers="template-4")).content.decode())
    page = owners.post(url, data | {"layers": "remove-4"}).content.decode()
    assert "Dense reads one flat row, but 5×5×64 comes in" in page
    action = re.search(r'value="(add-5-flatten)"\s+hx-post="[^"]+">\s*Put Flatten before it', page)[1]
    mended = owners.post(url, of_page(page) | {"layers": action}).content.decode()
    assert "comes in: put" not in mended


def test_all_templates_start_runs(owners, sent):
    url = reverse("training:new")
    for number, (title, specs) in enumerate(TEMPLATES.items()):
        page = owners.post(url, filled(layers=f"template-{number}", name=title)).content.decode()
        owners.post(url, of_page(page))
        run = Run.objects.get(name=title)
        assert run.hyperparameters.architecture == Hyperparameters(layers=specs).architecture


def test_augmentation_is_shown_on_digits_and_rolled_again(owners):
    url = reverse("training:new")
    assert "data:image/png" not in owners.get(url).content.decode()
    part = owners.post(url, filled(augment="strong"), headers=HTMX).content.decode()
    assert part.startswith('<div class="stack tight"\n     id="augmentation-look"')
    assert part.count("data:image/png") == 2
    assert 'name="augment_rotate" value="15"' in part
    look = filled(augment="look", augment_rotate="20", **{"chance-now": "4"})
    seen = owners.post(url, look, headers=HTMX).content.decode()
    assert "augment_rotate" not in re.sub('id="error-[^"]*"', "", seen), "the slider that one holds stays"
    assert 'value="5"' in seen
    again = owners.post(url, look | {"augment": "", "chance": "5"}, headers=HTMX).content.decode()
    assert re.findall('data:[^"]*', seen)[1] != re.findall('data:[^"]*', again)[1]
    assert not Run.objects.exists()


@pytest.mark.parametrize("chance", ["-1", "x", "²", "9" * 400])
def test_a_chance_that_is_no_number_is_another_one(owners, chance):
    data = filled(augment="look", augment_shift="2", chance=chance)
    part = owners.post(reverse("training:new"), data, headers=HTMX).content.decode()
    assert part.count("data:image/png") == 2


@pytest.fixture
def network(owner):
    made = nn.Network.initialized((*dense(12), *dense(10, activation="softmax")), "he_normal", 0)
    return Network.objects.create(owner=owner, **Network.contents(made, "Mine"))


def test_a_run_starts_from_ones_own_network(owners, sent, network):
    url = reverse("training:new")
    data = of_page(owners.get(url).content.decode()) | {"initial_network": str(network.pk)}
    part = owners.post(url, data | {"layers": "start"}, headers=HTMX).content.decode()
    assert "stay as they are" in part
    assert 'name="layer-0-units"\n               value="128"' in part, "kept for new weights"
    owners.post(url, data)
    run = Run.objects.get()
    assert run.hyperparameters.layers == dense(12)
    assert bytes(InitialNetwork.objects.get(run=run).data) == bytes(network.data)


def test_where_there_is_no_network_none_is_offered(owners, strangers, network):
    assert "Start from" in owners.get(reverse("training:new")).content.decode()
    assert "Start from" not in strangers.get(reverse("training:new")).content.decode()


def test_an_engine_that_is_not_installed_is_shown_with_its_command(owners, monkeypatch):
    monkeypatch.setitem(ENGINES, "other", SimpleNamespace(label="Other", missing="pip install '.[other]'"))
    page = html.unescape(owners.get(reverse("training:new")).content.decode())
    assert "Not installed: <code>pip install '.[other]'</code>" in page
    (other,) = re.findall(r'<input type="radio"[^>]*value="other"[^>]*>', page)
    assert "disabled" in other


def test_a_variation_starts_with_the_hyperparameters_of_its_run(owners, make_run):
    run = make_run(Hyperparameters(layers=dense(77), learning_rate_changes=((5, 0.1),)))
    page = owners.get(reverse("training:new"), {"from": run.pk}).content.decode()
    assert of_page(page)["layer-0-units"] == "77"


def test_a_strangers_run_is_no_template(strangers, run):
    assert strangers.get(reverse("training:new"), {"from": run.pk}).status_code == 404


def test_own_defaults_fill_the_form_until_taken_back(owners, owner):
    assert (
        "Saved" in owners.post(reverse("training:defaults"), filled(hidden_layer_sizes="33")).content.decode()
    )
    assert Preferences.of(owner).hyperparameters["layers"] == list(dense(33))
    assert of_page(owners.get(reverse("training:new")).content.decode())["layer-0-units"] == "33"
    owners.post(reverse("training:defaults"), {"reset": ""})
    assert of_page(owners.get(reverse("training:new")).content.decode())["layer-0-units"] == "128"


def test_own_defaults_are_edited_and_checked_like_a_run(owners, owner):
    url = reverse("training:defaults")
    data = of_page(owners.get(url).content.decode())
    page = owners.post(url, data | {"layers": "template-5"}, headers=HTMX).content.decode()
    assert 'hx-post="/train/defaults/"' in page
    assert 'id="check"' not in page, "there is no such panel in the preferences"
    assert 'id="check"' not in owners.post(reverse("training:check"), data).content.decode()
    refused = owners.post(url, data | {"epochs": "0"})
    assert refused.status_code == 422
    assert "at least 1" in refused.content.decode()
    assert Preferences.of(owner).hyperparameters == {}


def test_defaults_of_an_older_version_are_read_or_left_aside(owners, owner):
    for stored, units in (
        ({"hidden_layer_sizes": [40], "dropout": 0.0}, "40"),
        ({"hidden_layer_sizes": [99999]}, "128"),
        ({"gone": 1}, "128"),
        ({"hidden_layer_sizes": "x"}, "128"),
    ):
        Preferences.objects.update_or_create(user=owner, defaults={"hyperparameters": stored})
        assert of_page(owners.get(reverse("training:new")).content.decode())["layer-0-units"] == units


def test_a_form_without_its_token_is_refused_and_says_so(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    response = browser.post(reverse("training:new"), filled())
    assert response.status_code == 403
    assert "out of date" in response.content.decode()
    assert not Run.objects.exists()


def test_the_form_asks_the_database_a_bounded_number_of_times(owners, network, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        owners.post(reverse("training:check"), filled(hidden_layer_sizes="64," * 20))


def test_a_post_of_thousands_of_layers_is_answered(owners):
    layers = {f"layer-{i}-type": "flatten" for i in range(900)}
    response = owners.post(reverse("training:check"), filled() | layers)
    assert response.status_code == 200
    assert "At most 24 layers" in response.content.decode()


@pytest.fixture
def trained(owners, sent):
    """A run that the form started and that has ended."""

    def train(**changes):
        owners.post(reverse("training:new"), filled(**changes))
        run = Run.objects.order_by("-pk").first()
        Run.objects.filter(pk=run.pk).update(status=Status.FINISHED)
        return run

    return train


def test_what_was_trained_before_is_answered_with_its_result_and_says_so(owners, trained):
    run = trained(epochs="3")
    response = owners.post(reverse("training:new"), filled(epochs="3"), follow=True)
    assert response.request["PATH_INFO"] == run.get_absolute_url()
    assert "You have trained exactly this before" in response.content.decode()
    assert Run.objects.count() == 1


@pytest.mark.parametrize("change", [{"seed": "1"}, {"epochs": "4"}, {"engine": "sklearn"}])
def test_any_difference_is_trained(owners, trained, change):
    trained(epochs="3")
    owners.post(reverse("training:new"), filled(**{"epochs": "3", **change}))
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    "steered",
    [{"setup": ""}, {"status": Status.STOPPED}, {"status": Status.RUNNING}, {"engine_version": "0"}],
)
def test_what_came_about_otherwise_answers_nothing(owners, trained, steered):
    Run.objects.filter(pk=trained().pk).update(**steered)
    owners.post(reverse("training:new"), filled())
    assert Run.objects.count() == 2


def test_what_time_ended_is_trained_again(owners, trained):
    trained(max_seconds="9")
    owners.post(reverse("training:new"), filled(max_seconds="9"))
    assert Run.objects.count() == 2


def test_a_stranger_s_training_answers_nothing(strangers, trained):
    trained()
    strangers.post(reverse("training:new"), filled())
    assert Run.objects.count() == 2
