"""The page's calibration against the server's, and what it says of what is no digit."""

import numpy as np
import pytest

from training.ml import formats
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.ml.evaluation.calibration import Calibration
from training.ml.nn import Network

CALIBRATION = Calibration(1.7, (0.2, 0.2, 0.35, 0.5, 0.5, 0.8, 0.9, 0.99, 1.0))
READ = """
async (images) => {
  const { Network } = await import("/js/network/network.js");
  const { verdict } = await import("/js/prediction/verdict.js");
  const network = Network.fromBytes(await (await fetch("/network")).arrayBuffer());
  return images.map((image) => {
    const { probabilities, familiarity } = network.predict(Float32Array.from(image));
    return { familiarity, ...verdict(probabilities, familiarity) };
  });
}
"""
SAY = """
async ([probabilities, familiarity]) => {
  const { verdict } = await import("/js/prediction/verdict.js");
  return verdict(Float32Array.from(probabilities), familiarity);
}
"""


def serve(page, network, metadata):
    page.route("**/network", lambda route: route.fulfill(body=formats.dump(network, metadata)))


def test_the_page_finds_as_familiar_what_the_server_does(module_page):
    network = Network.initialized([*dense(16), OUTPUT], "glorot_uniform", 7)
    network.parameters *= 3  # so that it is more and less certain
    images = np.random.default_rng(0).integers(0, 256, (40, 784), np.uint8)
    serve(module_page, network, CALIBRATION.metadata())

    found = [answer["familiarity"] for answer in module_page.evaluate(READ, (images / 255).tolist())]

    expected = CALIBRATION.familiarity(network.predict(images))
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("metadata", [{}, {"calibration": '{"temperature": 1}'}])
def test_without_a_sound_calibration_nothing_is_said_of_familiarity(module_page, metadata):
    network = Network.initialized([OUTPUT], "zeros", 7)
    serve(module_page, network, metadata)

    (answer,) = module_page.evaluate(READ, [[0.5] * 784])

    assert answer["familiarity"] is None
    assert answer["says"] == "Not sure: 0 or 1"


@pytest.mark.parametrize(
    ("most", "familiarity", "says", "digit"),
    [
        (0.9, None, "Looks like a 3", 3),
        (0.9, 0.5, "Looks like a 3", 3),
        (0.9, 0.005, "Not sure: perhaps 3", 3),
        (0.9, 0.001, "No digit, it seems", None),
        (0.5, 0.5, "Not sure: 3 or 7", 3),
        (0.5, 0.005, "Not sure: 3 or 7", 3),
    ],
)
def test_the_verdict_in_words(module_page, most, familiarity, says, digit):
    probabilities = [0.0] * 10
    probabilities[3], probabilities[7] = most, 1 - most

    found = module_page.evaluate(SAY, [probabilities, familiarity])

    assert (found["says"], found["digit"], found["sure"]) == (says, digit, says.startswith("Looks"))
