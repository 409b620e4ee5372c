"""Files that come with an appeal: known by content, cleaned, sealed outside the web root."""

import io
import zipfile

import pytest
from PIL import Image

from veche.core.errors import FileDamaged, FileKindRefused, FileTooLarge, PictureTooLarge, TooManyFiles

MARK = b"planted 55.7558 37.6173"
_TYPES = "application/vnd.openxmlformats-officedocument"


@pytest.fixture
def clean():
    from veche.service.inbox.attachments import clean

    return lambda *contents: clean([(f"name {i}", content) for i, content in enumerate(contents)])


def picture(format, *, size=(40, 20), mode="RGB", **options):
    out = io.BytesIO()
    image = Image.new(mode, size, "red")
    image.save(out, format, **options)
    return out.getvalue()


def package(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content in members.items():
            z.writestr(name.replace("__", "/").replace("_x", ".x"), content)
    return out.getvalue()


def exif():
    tags = Image.Exif()
    tags[0x0112] = 6  # turned by 90 degrees
    tags[0x010E] = MARK.decode()
    return tags


@pytest.mark.parametrize(
    ("content", "media_type", "extension"),
    [
        (picture("PNG"), "image/png", "png"),
        (picture("GIF"), "image/png", "png"),
        (picture("BMP"), "image/png", "png"),
        (picture("TIFF"), "image/png", "png"),
        (picture("WEBP"), "image/webp", "webp"),
        (picture("JPEG"), "image/jpeg", "jpg"),
        (picture("PNG", mode="RGBA"), "image/png", "png"),
        (picture("JPEG", mode="CMYK"), "image/jpeg", "jpg"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%%EOF\n", "application/pdf", "pdf"),
        (package(word__document_xml=""), f"{_TYPES}.wordprocessingml.document", "docx"),
        (package(xl__workbook_xml=""), f"{_TYPES}.spreadsheetml.sheet", "xlsx"),
        (package(mimetype="application/vnd.oasis.opendocument.text"),
         "application/vnd.oasis.opendocument.text", "odt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "WordDocument".encode("utf-16-le"),
         "application/msword", "doc"),
        (b"ID3\x03\0\0\0\0\0\x0f" + bytes(20) + b"\xff\xfb\x90\0" * 9, "audio/mpeg", "mp3"),
        (b"OggS\0\x02" + bytes(22) + b"\x01\x1eOpusHead" + bytes(30), "audio/ogg", "ogg"),
        (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(40), "audio/wav", "wav"),
        ("Яма во дворе".encode(), "text/plain", "txt"),
        ("Яма во дворе".encode("cp1251"), "text/plain", "txt"),
        (b"<script>alert(1)</script>", "text/plain", "txt"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "text/plain", "txt"),
    ],
    ids=lambda value: None if isinstance(value, str) else "content",
)  # fmt: skip
def test_a_file_is_what_its_content_is(clean, content, media_type, extension):
    (file,) = clean(content)
    assert (file.media_type, file.extension) == (media_type, extension)
    assert file.name == "name 0"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ" + bytes(500),
        b"\x7fELF" + bytes(300),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        package(a="x"),
        package(**{"word__document_xml": "", "word__vbaProject.bin": ""}),
        b"PK\x03\x04" + bytes(50),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        bytes(100),
    ],
    ids=lambda value: None if isinstance(value, str) else "content",
)
def test_programs_archives_and_unknown_files_are_refused(clean, content):
    with pytest.raises(FileKindRefused):
        clean(content)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_keeps_its_sight_and_loses_what_it_tells(clean, format):
    told = picture(format, exif=exif(), icc_profile=MARK, comment=MARK)
    assert MARK in told
    (file,) = clean(told)
    assert MARK not in file.content
    kept = Image.open(io.BytesIO(file.content))
    assert not kept.getexif()
    assert "icc_profile" not in kept.info
    assert kept.size == (20, 40)


def test_what_lies_behind_a_picture_is_gone(clean):
    (file,) = clean(picture("PNG") + MARK)
    assert MARK not in file.content


def test_a_picture_that_unfolds_too_far_is_refused_unread(clean):
    bomb = picture("PNG", size=(30_000, 30_000), mode="1")
    assert len(bomb) < 2_000_000
    with pytest.raises(PictureTooLarge):
        clean(bomb)
    with pytest.raises(PictureTooLarge):
        clean(picture("PNG", size=(8_000, 8_000), mode="1"))


@pytest.mark.parametrize("cut", [0.3, 0.9])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "TIFF", "WEBP"])
def test_a_damaged_picture_is_told(clean, format, cut):
    whole = picture(format, size=(300, 300))
    broken = bytearray(whole[: int(len(whole) * cut)])
    with pytest.raises((FileDamaged, FileKindRefused)):
        clean(bytes(broken))


def test_an_empty_file_is_told(clean):
    with pytest.raises(FileDamaged):
        clean(b"")


def test_there_are_limits(clean):
    with pytest.raises(TooManyFiles):
        clean(*[b"x"] * 11)
    with pytest.raises(FileTooLarge) as error:
        clean(b"x", b"x" * (20 * 1024 * 1024 + 1))
    assert error.value.facts["number"] == 2


def test_a_file_is_sealed_on_disk_and_opens_with_the_authors_key(cast, home, clean):
    from veche.service.accounts.acting import working
    from veche.service.inbox.incoming import Incoming
    from veche.service.inbox.models import Appeal, Attachment
    from veche.service.inbox.take import take
    from veche.service.vault.files import open_file
    from veche.service.vault.keys import keys_for
    from veche.service.vault.seal import open_appeal

    tenant = cast.tenants.region.pk
    files = clean(b"Wet letters: " + MARK)
    with working(tenant):
        (taken,) = take(
            tenant, cast.channels.region.pk, [Incoming(text="x", attachments=files)], actor="process:test"
        )
    with working(tenant):
        kept = Attachment.objects.get()
        person = Appeal.objects.get().person_id
        key = keys_for([person], tenant)[person]
        content = b"".join(open_file(attachment_id=kept.pk, tenant_id=tenant, key=key))
        assert open_appeal(taken.appeal_id).attachments == {str(kept.pk): "name 0"}
    assert content == b"Wet letters: " + MARK
    assert (kept.media_type, kept.size) == ("text/plain", len(content))
    on_disk = [p for p in home.attachments.rglob("*") if p.is_file()]
    assert all(MARK not in p.read_bytes() for p in on_disk)
    assert not any("name" in p.name for p in on_disk)


def test_a_repeat_keeps_no_second_file(cast, clean):
    from veche.service.accounts.acting import working
    from veche.service.inbox.incoming import Incoming
    from veche.service.inbox.models import Attachment
    from veche.service.inbox.take import take

    tenant = cast.tenants.region.pk
    for _ in range(2):
        with working(tenant):
            batch = [Incoming(text="x", foreign_id="7", attachments=clean(b"a letter"))]
            take(tenant, cast.channels.region.pk, batch, actor="process:test")
    with working(tenant):
        assert Attachment.objects.count() == 1
