"""The example, with ports, folders and an address of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.asterisk.configuring import NotThereError
from tools.asterisk.ports import Ports

from tools.asterisk import configuring

PORTS = Ports(sip=21, http=22, ami=23, trunk=24, rtp_first=25, rtp_last=26)

TEXT = """\
; bind = in a comment
[udp]
type = transport
bind = 127.0.0.1:5060       ; where
[tcp](more)
bind=127.0.0.1:5060
[fixed]
bind => 1
"""


def test_values_are_replaced_by_section_and_key_and_comments_stay() -> None:
    replaced = configuring.replaced(TEXT, {("udp", "bind"): "a:1", ("tcp", "bind"): "b:2"})
    assert replaced == TEXT.replace("127.0.0.1:5060       ; where", "a:1       ; where").replace(
        "bind=127.0.0.1:5060", "bind=b:2"
    )


def test_what_is_not_there_is_not_replaced_in_silence() -> None:
    with pytest.raises(NotThereError, match=r"nothing to replace for \[\('tls', 'bind'\)\]"):
        configuring.replaced(TEXT, {("tls", "bind"): "a:1"})


def test_the_example_is_written_with_other_ports_and_folders(tmp_path: Path) -> None:
    outside = {"astmoddir": Path("/opt/modules"), "astdatadir": None}

    conf = configuring.write(tmp_path, PORTS, address="10.0.0.5", outside=outside)

    texts = {file.name: file.read_text("utf-8") for file in (tmp_path / "etc").iterdir()}
    assert conf == tmp_path / "etc" / "asterisk.conf"
    directories, _, options = texts["asterisk.conf"].partition("[options]")
    assert f"astrundir => {tmp_path}/run\n" in directories
    assert "astmoddir => /opt/modules\n" in directories
    assert "astdatadir" not in directories
    assert "verbose = 3" in options
    assert texts["pjsip.conf"].count("bind = 10.0.0.5:21") == 2
    assert re.search(r"^remote_hosts = 127.0.0.1:24$", texts["pjsip_wizard.conf"], re.MULTILINE)
    assert "bindport = 22" in texts["http.conf"]
    assert "port = 23" in texts["manager.conf"]
    assert "rtpstart = 25\nrtpend = 26\n" in texts["rtp.conf"]
    assert f"directory = {tmp_path}/moh" in texts["musiconhold.conf"]
    assert texts["extensions.conf"] == (configuring.EXAMPLE / "extensions.conf").read_text("utf-8")
    assert texts["udptl.conf"] == ""
    assert all((tmp_path / name).is_dir() for name in ("run", "log", "lib/keys", "spool", "cache"))


def test_an_overlay_goes_to_the_end_of_files_and_makes_new_ones(tmp_path: Path) -> None:
    configuring.write(tmp_path, PORTS, overlay={"rtp.conf": "stunaddr = 1.2.3.4", "cel.conf": "[general]"})
    assert (tmp_path / "etc" / "rtp.conf").read_text("utf-8").endswith("\nstunaddr = 1.2.3.4\n")
    assert "[general]" in (tmp_path / "etc" / "cel.conf").read_text("utf-8")


def test_a_configuration_with_fewer_files_will_do(tmp_path: Path) -> None:
    example = tmp_path / "example"
    example.mkdir()
    (example / "http.conf").write_text("[general]\nbindport = 8088\n", "utf-8")

    configuring.write(tmp_path / "base", PORTS, example=example)

    assert "bindport = 22" in (tmp_path / "base" / "etc" / "http.conf").read_text("utf-8")
    assert not (tmp_path / "base" / "etc" / "pjsip.conf").exists()


def test_the_modules_are_those_of_the_example() -> None:
    assert {"chan_pjsip.so", "res_ari_channels.so", "res_pjsip_refer.so"} <= set(configuring.modules())
