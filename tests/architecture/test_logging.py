"""No prompt, key or picture in a log line, whatever goes wrong."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.logging_calls import careless, logging_calls
from tests.architecture.source import modules

ALSO = {
    "imagegen.jobs.recovery": {"error": "a StorageError, which names a folder and what the system said of it"},
    "imagegen.web.access_log": {
        "scope['method']": "one of HTTP's own words",
        "_path(scope)": "without the query string, which holds a search's words",
        "_where(error)": "file names and line numbers, without the exception's text",
    },
    "imagegen.web.server": {"name": "which of two parts of the server, as written there"},
}
"""By module, what else may stand in a log line, and why."""


def test_there_are_logging_calls_to_look_at() -> None:
    assert sum(1 for module in modules().values() for _ in logging_calls(module.tree)) > 10


@pytest.mark.parametrize("name", sorted(modules()))
def test_a_log_line_holds_ids_kinds_and_states_only(name: str) -> None:
    assert careless(modules()[name].tree, frozenset(ALSO.get(name, ()))) == []


@pytest.mark.parametrize("name", sorted(ALSO))
def test_no_exception_is_kept_that_is_not_needed(name: str) -> None:
    for expression in ALSO[name]:
        others = frozenset(set(ALSO[name]) - {expression})
        assert careless(modules()[name].tree, others), f"{expression} is not needed"


@pytest.mark.parametrize(
    "line",
    [
        "log.info('made %s', request.prompt)",
        "log.info(f'made {request.id}')",
        "log.info('made %s' % request.id)",
        "log.info('made ' + prompt)",
        "log.info(message)",
        "log.error('failed', exc_info=True)",
        "log.exception('failed')",
        "log.warning('failed: %s', error)",
        "log.warning('failed: %r', data)",
        "log.warning('failed: %s', str(error))",
        "log.warning('failed: %s', settings.gemini_api_key)",
        "log.info('called', extra={'prompt': prompt})",
        "log.debug('%s', call)",
        "log.log(logging.INFO, 'made %s', text)",
        "logging.getLogger('x').info('%s', body)",
        "self._log.info('%s', request.subjects[0])",
        "log.info('%s', *values)",
    ],
)
def test_a_careless_line_is_found(line: str) -> None:
    assert len(careless(ast.parse(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "log.info('attempt %s: %s from %s', claimed.attempt_id, error.kind, claimed.provider)",
        "log.error('unexpected %s', type(error).__name__)",
        "log.info('%s pictures', len(images))",
        "log.log(logging.INFO, 'ready on %s', port)",
        "math.log(prompt)",
        "prompt.error('not a logger')",
    ],
)
def test_a_careful_line_is_left_alone(line: str) -> None:
    assert careless(ast.parse(line)) == []
