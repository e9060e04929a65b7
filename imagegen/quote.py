"""What a request will cost, before anything is stored. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from imagegen.catalogue.records import MicroUsd, ModelRecord, Price
from imagegen.plan import total
from imagegen.request import GenerationRequest


@dataclass(frozen=True, slots=True)
class Quote:
    """List price of a request. `per_image` and `whole` are None when the catalogue knows no price."""

    images: int
    per_image: MicroUsd | None
    whole: MicroUsd | None

    @property
    def known(self) -> bool:
        """Whether there is a price at all; an unknown price is shown as unknown, never as zero."""
        return self.whole is not None


def price_of_one(price: Price | None, image_size: str, references: int) -> MicroUsd | None:
    """List price of one picture of that size with that many references, or None when it is not known."""
    if price is None or image_size not in price.per_image:
        return None
    if references == 0:
        return price.per_image[image_size]
    if price.per_reference is None:
        return None
    return MicroUsd(price.per_image[image_size] + references * price.per_reference)


def price_for(request: GenerationRequest, model: ModelRecord) -> MicroUsd | None:
    """List price of one picture of that request when that model makes it, or None when it is not known."""
    return price_of_one(model.price, request.image_size, len(request.reference_images))


def quote(request: GenerationRequest, model: ModelRecord) -> Quote:
    """The price of all pictures of a request when that model makes them. Raises `RequestError` like `total`."""
    images = total(request)
    one = price_for(request, model)
    return Quote(images, one, None if one is None else MicroUsd(one * images))
