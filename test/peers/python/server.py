"""A server on the MCP Python SDK or on fastmcp: python server.py sdk|fastmcp stdio|http [PORT]."""

import sys

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
    return "done"


@server.tool()
async def greet(ctx: Context) -> str:
    """Asks for a name."""
    answer = await (ctx.elicit("name?", schema=Name) if kind == "sdk" else ctx.elicit("name?", response_type=Name))
    return f"hello {answer.data.name}" if answer.action == "accept" else answer.action


@server.resource("py://note")
def note() -> str:
    return "a note"


@server.prompt()
def ask(topic: str) -> str:
    return f"About {topic}?"


if transport == "stdio":
    server.run(transport="stdio")
else:
    name = "streamable-http" if kind == "sdk" else "http"
    server.run(transport=name, host="127.0.0.1", port=port)
