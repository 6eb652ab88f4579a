"""Whatever the facts: no question raises, nothing bad hides, and what was not seen is never well."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.checkup.examine import merged, ordered
from daemon.checkup.finding import WORST_FIRST, Area, Finding, Severity, Unseen
from daemon.checkup.question import Question, Row
from tests.daemon.checkup.questions import FACTS, UNSEEN, all_questions, facts_class

QUESTIONS = {f"{one.area.value} {one.name}": one for one in all_questions()}


@pytest.mark.parametrize("name", QUESTIONS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_combination_of_facts_has_an_answer_and_nothing_worse_hides_behind_it(
    name: str, data: st.DataObject
) -> None:
    question = QUESTIONS[name]
    facts = data.draw(FACTS[facts_class(question)])
    found = question.answer(facts, (1,))
    apply = [row.severity for row in question.rows if row.applies(facts)]
    unseen = any(isinstance(getattr(facts, need), Unseen) for need in question.needs)
    worst = min((WORST_FIRST.index(one) for one in apply), default=len(WORST_FIRST))
    assert WORST_FIRST.index(found.severity) <= worst
    assert not (unseen and found.severity is Severity.OK)
    assert found.severity is Severity.OK or (found.message.endswith(".") and "Unseen(" not in found.message)
    assert "Unseen(" not in found.message + found.todo


@pytest.mark.parametrize("name", QUESTIONS)
def test_rows_stand_worst_first_and_say_one_thing_to_do(name: str) -> None:
    rows = QUESTIONS[name].rows
    assert [WORST_FIRST.index(row.severity) for row in rows] == sorted(WORST_FIRST.index(row.severity) for row in rows)
    assert Severity.OK not in {row.severity for row in rows}


def test_each_check_has_a_name_of_its_own() -> None:
    names = [row.check for one in QUESTIONS.values() for row in one.rows]
    assert len(names) == len(set(names))


@dataclasses.dataclass(frozen=True)
class Facts:
    heat: int | Unseen
    light: int | Unseen = 1


HOT: Question[Any] = Question(
    "heat", Area.PC, "the heat", ("heat", "light"),
    (
        Row("burns", Severity.BAD, lambda f: f.heat == 9, lambda _: ("It burns.", "Put it out.")),
        Row("warm", Severity.WARN, lambda f: f.heat == 5, lambda _: ("It is warm.", "Open the door.")),
    ),
    lambda f: f"{f.heat} degrees",
)  # fmt: skip


def test_a_question_answers_with_its_first_row_else_with_what_was_not_seen_else_well() -> None:
    assert HOT.answer(Facts(9, UNSEEN)).check == "burns"
    assert HOT.answer(Facts(1)) == Finding(Area.PC, "heat", Severity.OK, "1 degrees")
    blind = HOT.answer(Facts(1, UNSEEN), (2,))
    assert (blind.severity, blind.message, blind.todo, blind.lines) == (
        Severity.UNSEEN, "The heat could not be looked at: only root may.", "sudo", (2,),
    )  # fmt: skip


def test_what_is_the_same_of_two_lines_is_said_once_and_the_worst_comes_first() -> None:
    ok, bad = Finding(Area.LINE, "a", Severity.OK, "well"), Finding(Area.PC, "b", Severity.BAD, "No.", "Do.")
    told = merged([dataclasses.replace(ok, lines=(2,)), bad, dataclasses.replace(ok, lines=(1,)), bad])
    assert ordered(told) == (bad, dataclasses.replace(ok, lines=(1, 2)))


def test_the_page_tells_of_every_check_and_of_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs/doctor.md").read_text("utf-8")
    told = [tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in page.splitlines() if line[:3] == "| `"]
    told = [(check, severity) for check, severity in told if severity in set(Severity)]
    known = [(row.check, row.severity.value) for one in QUESTIONS.values() for row in one.rows]
    assert sorted(told) == sorted([*known, *ELSEWHERE])


ELSEWHERE = [("no-line", "warn")]
