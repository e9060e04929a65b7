"""`/docs` and `/openapi.json`: the API's own page, which loads nothing from elsewhere."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse

from imagegen.web.context import NO_QUERY

router = APIRouter(include_in_schema=False, dependencies=[NO_QUERY])

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>imagegen API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/assets/docs/swagger-ui-bundle.js"></script>
<script src="/assets/docs/open.js"></script>
</body>
</html>
"""


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The API page."""
    return HTMLResponse(PAGE)


@router.get("/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi())
