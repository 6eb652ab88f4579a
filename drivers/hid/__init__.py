"""Scanners that type like a keyboard: found among the input devices, held alone, their keys read as text."""

from drivers.hid.find import find_keyboard, list_keyboards
from drivers.hid.link import hid_link, plugged_hid_link

__all__ = ["find_keyboard", "hid_link", "list_keyboards", "plugged_hid_link"]
