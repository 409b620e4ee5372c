"""What the OpenAPI document says holds, whatever is asked: schemathesis finds nothing."""

from types import SimpleNamespace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from .conftest import Program, make_token

#: One test asks many times of the same rows.
KEEP_ROWS = True

OPERATIONS = (
    "POST /api/v1/appeals",
    "GET /api/v1/appeals/{number}",
    "GET /api/v1/appeals/{number}/status",
    "DELETE /api/v1/appeals/{number}",
    "POST /api/v1/imports",
    "GET /api/v1/imports/{key}",
    "POST /api/v1/imports/{key}/columns",
    "POST /api/v1/imports/{key}/confirm",
    "DELETE /api/v1/imports/{key}",
)


@pytest.fixture(scope="module")
def served(urls, rows_of_a_module):  # noqa: ARG001 - rows are removed after the module
    """The API of a region with a program, and an appeal that it handed in."""
    from tests.service.conftest import connected, make_cast

    from veche.service.wsgi import application

    with connected(urls.owner):
        cast = make_cast()
    secret = make_token(cast.channels.region, per_minute=10**9, burst=10**9)[1]
    program = Program(secret)
    known = {"number": program.post({"text": "No hot water."}).json()["appeals"][0]["number"]}
    file = program.ask("POST", "/api/v1/imports?format=csv", b"a;b", type="application/octet-stream")
    known["key"] = file.json()["id"]
    return SimpleNamespace(application=application, secret=secret, known=known)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_as_the_document_says(served, operation, mode):
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served.application)
    # Who asks is always right here: an Authorization made wrong on purpose would be put right below,
    # and the case, with nothing wrong left in it, rightly taken. `ignored_auth` tries the wrong ones.
    document.config.generation.update(with_security_parameters=False)
    method, path = operation.split()
    cases = document[path][method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, known=st.booleans())
    def ask(case, known):
        if known and mode is GenerationMode.POSITIVE:
            named = served.known.keys() & case.path_parameters.keys()
            case.path_parameters |= {name: served.known[name] for name in named}
        response = case.call_and_validate(
            headers={"Authorization": f"Bearer {served.secret}"}, excluded_checks=[positive_data_acceptance]
        )
        # A schema cannot say which numbers, dates and zones there are; what it can say, it has said.
        assert mode is not GenerationMode.POSITIVE or response.status_code not in (400, 411, 415)
        assert mode is not GenerationMode.POSITIVE or b"VECHE-V215" not in response.content

    ask()


def test_every_operation_of_the_document_is_asked(served):
    paths = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served.application).raw_schema["paths"]
    assert {f"{method.upper()} {path}" for path, item in paths.items() for method in item} == set(OPERATIONS)
