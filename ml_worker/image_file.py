"""Reading an image's file whole, checked against what the server knows of it."""

import numpy as np
import pyvips
from numpy.typing import NDArray

from ml_worker.image_crop import as_rgb
from ml_worker.refusals import JobRefused
from ml_worker.storage import NoSuchFile, Storage


def read_image(storage: Storage, image_key: str, width: int, height: int) -> NDArray[np.uint8]:
    """RGB [height, width, 3] of an image, decoded in strips.

    Raises JobRefused for a file that is gone, damaged or of another size.
    """
    try:
        with storage.local_copy(image_key) as path:
            image = pyvips.Image.new_from_file(str(path), access="sequential", fail_on="truncated")
            if (image.width, image.height) != (width, height):
                raise JobRefused(
                    f"The image's file is {image.width} × {image.height} px, the image {width} × {height}: "
                    "the file was replaced. Upload the image again."
                )
            return np.asarray(as_rgb(image).numpy())
    except NoSuchFile as error:
        raise JobRefused(f"The image's file is gone: {error} Upload the image again.") from error
    except pyvips.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise JobRefused(f"The image's file cannot be read ({reason}). Upload the image again.") from error
