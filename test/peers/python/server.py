"""A server on the MCP Python SDK or on fastmcp: python server.py sdk|fastmcp stdio|http [PORT].

Both ask in the course of a call, in the manner of each protocol era: the SDK by resolvers, fastmcp by hand.
"""

import asyncio
import sys
from typing import Annotated

import mcp_types as types
from pydantic import BaseModel

kind, transport = sys.argv[1], sys.argv[2]
port = int(sys.argv[3]) if len(sys.argv) > 3 else 0
if kind == "sdk":
    from mcp.server.mcpserver import Context, MCPServer as Server
else:
    from fastmcp import Context, FastMCP as Server

server = Server("python-" + kind)


class Name(BaseModel):
    name: str


@server.tool()
def echo(text: str) -> str:
    """Says it again."""
    return text


@server.tool()
async def steps(ctx: Context) -> str:
    """Tells how far it is."""
    for n in (1, 2):
        await ctx.report_progress(n, 2)
        # The TypeScript SDK drops a progress notification that comes together with the reply.
        await asyncio.sleep(0.05)
    return "done"


@server.resource("py://note")
def note() -> str:
    return "a note"


@server.prompt()
def ask(topic: str) -> str:
    return f"About {topic}?"


def question(text: str) -> types.SamplingMessage:
    return types.SamplingMessage(role="user", content=types.TextContent(type="text", text=text))


def with_resolvers():
    from mcp.server.mcpserver import Elicit, ListRoots, Resolve, Sample

    async def who() -> Elicit[Name]:
        return Elicit("name?", Name)

    async def thought() -> Sample:
        return Sample([question("think")], max_tokens=10)

    async def places() -> ListRoots:
        return ListRoots()

    @server.tool()
    async def greet(name: Annotated[Name, Resolve(who)]) -> str:
        """Asks for a name."""
        return f"hello {name.name}"

    @server.tool()
    async def think(found: Annotated[types.CreateMessageResult, Resolve(thought)]) -> str:
        """Asks the client's model."""
        return f"thought {found.content.text}"

    @server.tool()
    async def roots(found: Annotated[types.ListRootsResult, Resolve(places)]) -> str:
        """Asks for the client's roots."""
        return " ".join(str(root.uri) for root in found.roots)


def by_hand():
    def is_modern(ctx: Context) -> bool:
        return ctx.request_context.protocol_version == "2026-07-28"

    def answer_or_ask(ctx: Context, request):
        answers = ctx.input_responses
        return answers["it"] if answers else types.InputRequiredResult(input_requests={"it": request})

    @server.tool()
    async def greet(ctx: Context) -> str | types.InputRequiredResult:
        """Asks for a name."""
        if not is_modern(ctx):
            return f"hello {(await ctx.elicit('name?', response_type=Name)).data.name}"
        params = types.ElicitRequestFormParams(
            message="name?", requested_schema={"type": "object", "properties": {"name": {"type": "string"}}}
        )
        found = answer_or_ask(ctx, types.ElicitRequest(params=params))
        return found if isinstance(found, types.InputRequiredResult) else f"hello {found.content['name']}"

    @server.tool()
    async def think(ctx: Context) -> str | types.InputRequiredResult:
        """Asks the client's model."""
        if is_modern(ctx):
            params = types.CreateMessageRequestParams(messages=[question("think")], max_tokens=10)
            found = answer_or_ask(ctx, types.CreateMessageRequest(params=params))
        else:
            found = await ctx.session.create_message(
                [question("think")], max_tokens=10, related_request_id=ctx.request_id
            )
        return found if isinstance(found, types.InputRequiredResult) else f"thought {found.content.text}"

    @server.tool()
    async def roots(ctx: Context) -> str | types.InputRequiredResult:
        """Asks for the client's roots."""
        if is_modern(ctx):
            found = answer_or_ask(ctx, types.ListRootsRequest())
        else:
            found = await ctx.session.list_roots()
        if isinstance(found, types.InputRequiredResult):
            return found
        return " ".join(str(root.uri) for root in found.roots)


with_resolvers() if kind == "sdk" else by_hand()

if transport == "stdio":
    server.run(transport="stdio")
else:
    name = "streamable-http" if kind == "sdk" else "http"
    server.run(transport=name, host="127.0.0.1", port=port)
