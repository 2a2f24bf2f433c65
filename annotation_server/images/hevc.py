"""Whether libvips decodes HEVC here, as the HEIC pictures of phones need: many builds leave it out."""

import base64
from functools import cache

import pyvips

# A HEIC of 16 × 16 grey px, coded with HEVC.
SAMPLE = base64.b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAXZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABmgABAAAAAAAAACAAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA9mlwcnAAAADWaXBjbwAAAHFodmNDAQQIAAAAn/gAAAAAHvAA/Pz4+AAADwNgAAEAF0ABDAH//wQIAAADAJ/4AAAD"
    "AAAeugJAYQABACZCAQEECAAAAwCf+AAAAwAAHsCCBBZbqrprmwIAAAMAMgAAAwACEGIAAQAGRAHBc8GJAAAAE2NvbHJuY2x4AAEA"
    "DQAGgAAAABRpc3BlAAAAAAAAAEAAAABAAAAAKGNsYXAAAAAQAAAAAQAAABAAAAAB////0AAAAAL////QAAAAAgAAAA5waXhpAAAA"
    "AAEIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAKG1kYXQAAAAcKAGuCiQkGcDhnoA/9bdzylCzhNKQp7VBQJa1Aw=="
)


@cache
def decodes_hevc() -> bool:
    """Tried once a process, on a picture of our own."""
    try:
        pyvips.Operation.call("heifload_buffer", SAMPLE).avg()
    except pyvips.Error:
        return False
    return True
