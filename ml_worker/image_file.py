"""Reading an image's file whole, checked against what the server knows of it."""

import numpy as np
import pyvips
from numpy.typing import NDArray

from annotation_server.segmentation.worker_sentences import Sentence
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
                    Sentence.IMAGE_REPLACED.about(
                        file_width=image.width, file_height=image.height, width=width, height=height
                    )
                )
            return np.asarray(as_rgb(image).numpy())
    except NoSuchFile as error:
        raise JobRefused(Sentence.IMAGE_GONE.about(why=error)) from error
    except pyvips.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise JobRefused(Sentence.IMAGE_UNREADABLE.about(error=reason)) from error
