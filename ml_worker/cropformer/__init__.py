"""CropFormer: the parts of the paper, one file each."""
