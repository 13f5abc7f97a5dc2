"""The training loop: repeatable, resumable, and stopped by the first number that is not one."""

import numpy as np
import pytest

import nn
from autograd.errors import NotConnectedError

STEPS = [nn.eager_step, nn.compile_step]


def problem(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((60, 4))
    y = np.eye(2)[(x[:, 0] * x[:, 1] > 0).astype(int)]
    model = nn.Sequential(nn.Linear(4, 8, rng=rng), nn.Sigmoid(), nn.Linear(8, 2, rng=rng), nn.Sigmoid())
    return x, y, model


def trainer_of(model, steps=60, **options):
    optimizer = nn.Adam(model.parameters(), 0.05)
    return nn.Trainer(model, nn.BCELoss("examples"), optimizer, schedule=nn.warm_then_linear(steps), **options)


def test_a_step_is_the_gradient_step_of_the_batch():
    x, y, model = problem()
    loss = nn.BCELoss("examples")
    before = model.state_dict()
    loss(model(x), y).backward()
    expected = {name: before[name] - 0.5 * p.grad for name, p in model.named_parameters()}
    expected_cost = float(loss(model(x), y).data)
    step = nn.eager_step(model, loss, nn.SGD(model.parameters(), 0.5))
    assert step(x, y) == expected_cost
    for name, array in model.state_dict().items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-13)


def test_training_learns_what_no_single_layer_can():
    x, y, model = problem()
    trainer_of(model, 400).fit(x, y, epochs=200, batch_size=30)
    assert nn.data.accuracy(model(x).data, y) > 0.8


def test_epochs_are_called_back_and_can_be_stopped():
    x, y, model = problem()
    seen = []
    trainer = trainer_of(
        model, callbacks=[lambda trainer, epoch: seen.append(epoch), lambda trainer, epoch: epoch == 3]
    )
    trainer.fit(x, y, epochs=5, batch_size=20)
    assert seen == [1, 2, 3]
    assert trainer.optimizer.steps == 9


def test_an_interrupted_training_continues_bit_for_bit():
    x, y, model = problem()
    trainer_of(model).fit(x, y, epochs=6, batch_size=7, seed=5)

    _, _, half = problem()
    first = trainer_of(half)
    first.fit(x, y, epochs=3, batch_size=7, seed=5)
    _, _, rest = problem(seed=9)
    second = trainer_of(rest)
    second.restore(first.snapshot())
    second.fit(x, y, epochs=6, batch_size=7, seed=5, first_epoch=4)
    for (name, a), (_, b) in zip(model.state_dict().items(), rest.state_dict().items(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_the_schedule_multiplies_the_learning_rate():
    x, y, model = problem()
    rates = []
    optimizer = nn.SGD(model.parameters(), 2.0)

    def step(x, y):
        rates.append(optimizer.learning_rate)
        optimizer.count_step()
        return 1 / 0 if len(rates) == 5 else 0.0

    trainer = nn.Trainer(model, nn.MSELoss(), optimizer, step, schedule=lambda step: 1 / step)
    with pytest.raises(ZeroDivisionError):
        trainer.fit(x, y, epochs=5, batch_size=60)
    assert rates == [2.0, 1.0, 2 / 3, 0.5, 0.4]
    assert optimizer.learning_rate == 2.0, "or the next trainer would go on with the last rate, often 0"


def test_a_schedule_of_numpys_numbers_does_not_widen_single_precision():
    x, y, _ = problem()
    model = nn.Linear(4, 2, dtype="float32", rng=0)
    optimizer = nn.SGD(model.parameters(), 0.1)
    trainer = nn.Trainer(model, nn.MSELoss(), optimizer, schedule=lambda step: np.cos(step / 100))
    trainer.fit(x.astype("float32"), y.astype("float32"), epochs=2, batch_size=60)
    assert {parameter.data.dtype for parameter in model.parameters()} == {np.dtype("float32")}


class Poisoned(nn.Module):
    """A network whose square root meets a negative number once its weight is below 1.2."""

    def __init__(self):
        self.weight = nn.Parameter([[2.0]], name="theta1")

    def forward(self, x):
        return (x @ self.weight - 1.2) ** 0.5


def test_a_cost_that_is_not_a_number_stops_with_epoch_and_operation_and_keeps_the_last_good_epoch():
    x = np.ones((4, 1))
    model = Poisoned()
    optimizer = nn.SGD(model.parameters(), 0.3)
    trainer = nn.Trainer(model, nn.MSELoss(), optimizer)
    good = []
    trainer.callbacks.append(lambda trainer, epoch: good.append(model.weight.data.copy()))
    with pytest.raises(nn.NonFiniteCost, match=r"NaN or infinite in epoch \d+: forward: power\(") as caught:
        trainer.fit(x, 0 * x, epochs=20, batch_size=2)
    assert caught.value.epoch == len(good) + 1 > 1
    np.testing.assert_array_equal(model.weight.data, good[-1])
    assert optimizer.steps == 2 * len(good)


def test_an_overflow_in_the_update_is_told_as_such():
    x, y, model = problem()
    list(model.parameters())[2].name = "theta2"
    before = model.state_dict()
    trainer = nn.Trainer(model, nn.MSELoss("sum"), nn.SGD(list(model.parameters())[2:3], 1e308, weight_decay=1e308))
    with pytest.raises(nn.NonFiniteCost, match="in epoch 1: first in SGD's update of theta2; try a smaller"):
        trainer.fit(x, y, epochs=1, batch_size=60)
    np.testing.assert_array_equal(model.state_dict()["2.weight"], before["2.weight"])


@pytest.mark.parametrize("make", STEPS)
@pytest.mark.parametrize("loss", [nn.MSELoss("sum"), lambda p, y: 1.0])
def test_an_optimizer_of_another_model_is_refused(make, loss):
    x, y, model = problem()
    _, _, other = problem()
    step = make(model, loss, nn.SGD(other.parameters(), 0.1))
    with pytest.raises(NotConnectedError, match="computed from none of the optimizer's parameters"):
        step(x, y)


@pytest.mark.parametrize("bad", ["x", "y"])
def test_data_that_are_no_numbers_are_not_blamed_on_the_learning_rate(bad):
    x, y, model = problem()
    (x if bad == "x" else y)[3, 1] = np.nan
    with pytest.raises(nn.NonFiniteCost, match=f"in epoch 1: {bad} itself holds NaN or infinity; leave such rows out$"):
        trainer_of(model).fit(x, y, epochs=2, batch_size=20)


def test_without_a_seed_the_order_is_another_each_time():
    found = []
    for seed in (None, None, 5, 5, [5, 6]):
        x, y, model = problem()
        trainer_of(model).fit(x, y, epochs=2, batch_size=7, seed=seed)
        found.append(model.state_dict()["2.weight"])
    assert np.array_equal(found[2], found[3])
    assert len({array.tobytes() for array in found}) == 4


def test_an_epoch_without_a_seed_is_run_again_in_the_same_order():
    """To find what made the number that is not finite."""
    first, again = [], []

    class Spied(nn.Sequential):
        def forward(self, x):
            again.append(x)
            return super().forward(x)

    x, y, model = problem()
    trainer = trainer_of(Spied(*model))
    trainer.step = lambda x, y: first.append(x) or np.nan
    with pytest.raises(nn.NonFiniteCost, match="its origin did not show when the epoch was run again"):
        trainer.fit(x, y, epochs=1, batch_size=7, seed=None)
    np.testing.assert_array_equal(again[0], first[0])


@pytest.mark.parametrize("seed", [1.5, "a", np.random.default_rng(0), -1])
def test_a_seed_of_nonsense_is_told(seed):
    x, y, model = problem()
    message = "^fit: seed is a whole number of at least 0, or None for another order each time, not "
    with pytest.raises(ValueError if seed == -1 else TypeError, match=message):
        trainer_of(model).fit(x, y, epochs=1, batch_size=7, seed=seed)


def test_a_fault_that_only_a_watched_run_tells_leaves_the_epoch_as_it_began():
    """Class numbers that are none: a compiled step makes NaN of them, and an eager one refuses them."""
    model = nn.Linear(2, 3, rng=0)
    loss, optimizer = nn.CrossEntropyLoss(), nn.SGD(model.parameters(), 0.1)
    trainer = nn.Trainer(model, loss, optimizer, step=nn.compile_step(model, loss, optimizer))
    before = model.state_dict()
    with pytest.raises(ValueError, match="class numbers go from 0 to 2, and the target has"):
        trainer.fit(np.ones((9, 2)), np.array([0, 1, 2] * 2 + [3] * 3), epochs=1, batch_size=1)
    assert optimizer.steps == 0
    np.testing.assert_array_equal(model.weight.data, before["weight"])


def test_a_rate_that_a_callback_lowers_is_continued_with():
    def halve(trainer, epoch):
        trainer.optimizer.learning_rate /= 2

    x, y, model = problem()
    whole = trainer_of(model)
    whole.callbacks = [halve]
    whole.fit(x, y, epochs=6, batch_size=7)

    _, _, half = problem()
    first = trainer_of(half)
    first.callbacks = [halve]
    first.fit(x, y, epochs=3, batch_size=7)
    _, _, rest = problem(seed=9)
    second = trainer_of(rest)
    second.callbacks = [halve]
    second.restore(first.snapshot())
    second.fit(x, y, epochs=6, batch_size=7, first_epoch=4)
    for (name, a), (_, b) in zip(model.state_dict().items(), rest.state_dict().items(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


@pytest.mark.parametrize("make", STEPS)
def test_a_parameter_that_the_model_replaced_is_not_trained_on_in_its_place(make):
    x, y, model = problem()
    step = make(model, nn.MSELoss(), optimizer := nn.SGD(model.parameters(), 0.1))
    model[2].weight = nn.Parameter(np.ones_like(model[2].weight.data))
    before = model.state_dict()
    with pytest.raises(
        NotConnectedError, match=r"^SGD moves a parameter that the model no longer holds, and not 2\.we"
    ):
        step(x, y)
    assert optimizer.steps == 0
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("make", STEPS)
def test_a_part_of_a_model_is_trained_with_a_parameter_of_the_loss(make):
    """No parameter of the optimizer is lost here: what is left out was left out, and what the cost lacks was lent."""
    x, y, model = problem()
    idle = nn.Parameter(0.0)
    for parameters in ([*model[2].parameters()], [*model.parameters(), idle]):
        before = model.state_dict()
        make(model, nn.MSELoss(), nn.SGD(parameters, 0.1))(x, y)
        assert not np.array_equal(model.state_dict()["2.weight"], before["2.weight"])


@pytest.mark.parametrize("make", STEPS)
@pytest.mark.parametrize("cost", [lambda p, y: ((p - y) ** 2).sum(keepdims=True), lambda p, y: ((p - y) * 1j).sum()])
def test_a_step_tells_its_cost_or_does_not_move(cost, make):
    x, y, model = problem()
    before = model.state_dict()["2.weight"]
    step = make(model, cost, nn.SGD(model.parameters(), 1e-3))
    if np.iscomplexobj(cost(np.ones(1), np.ones(1))):
        with pytest.raises(TypeError, match="complex"):
            step(x, y)
        np.testing.assert_array_equal(model.state_dict()["2.weight"], before)
    else:
        assert step(x, y) > step(x, y)


@pytest.mark.parametrize("make", STEPS)
@pytest.mark.parametrize("place", ["loss", "optimizer"])
def test_a_class_in_the_place_of_an_instance_is_told(place, make):
    _, _, model = problem()
    given = {"loss": nn.MSELoss(), "optimizer": nn.SGD(model.parameters(), 0.1)}
    given[place] = type(given[place])
    with pytest.raises(TypeError, match=rf"^{place} is the class (MSELoss|SGD); write \1\(\.\.\.\)$"):
        make(model, **given)


def test_a_step_of_ones_own_without_a_return_is_told():
    x, y, model = problem()
    trainer = trainer_of(model)
    trainer.step = lambda x, y: None
    with pytest.raises(TypeError, match=r"^fit: the step gave None instead of its cost; is a return missing\?$"):
        trainer.fit(x, y, epochs=1, batch_size=7)


@pytest.mark.parametrize("epochs", [2.0, "2", None])
def test_a_number_of_epochs_that_is_none_is_told(epochs):
    x, y, model = problem()
    with pytest.raises(TypeError, match=r"^fit: epochs is a whole number, the last epoch's, not "):
        trainer_of(model).fit(x, y, epochs=epochs, batch_size=7)
