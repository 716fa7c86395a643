"""Clients on the MCP Python SDK and on fastmcp: python client.py PREFIX '[[KIND, MODE, URL|[COMMAND]], …]'.

Prints one line of JSON for each: what its requests brought.
"""

import asyncio
import json
import sys

import mcp_types as types


class Client:
    """Answers what it is asked, and keeps what it is told."""

    def __init__(self):
        self.told = []

    async def progress(self, progress, total, message):
        self.told.append(progress)

    def sdk(self, mode, target):
        from mcp import Client
        from mcp.client.stdio import StdioServerParameters

        async def elicit(context, params):
            return types.ElicitResult(action="accept", content={"name": "Ada"})

        async def sample(context, params):
            text = types.TextContent(type="text", text="much")
            return types.CreateMessageResult(role="assistant", content=text, model="none")

        async def roots(context):
            return types.ListRootsResult(roots=[types.Root(uri="file:///home/ada")])

        isCommand = isinstance(target, list)
        where = StdioServerParameters(command=target[0], args=target[1:]) if isCommand else target
        answers = {"elicitation_callback": elicit, "sampling_callback": sample, "list_roots_callback": roots}
        client = Client(where, mode=mode, **answers)
        return client, lambda name, args: client.call_tool(name, args, progress_callback=self.progress)

    def fastmcp(self, mode, target):
        from fastmcp import Client
        from fastmcp.client.transports import StdioTransport

        async def elicit(message, response_type, params, context):
            return {"name": "Ada"}

        async def sample(messages, params, context):
            return "much"

        where = StdioTransport(command=target[0], args=target[1:]) if isinstance(target, list) else target
        answers = {"elicitation_handler": elicit, "sampling_handler": sample, "roots": ["file:///home/ada"]}
        client = Client(where, mode=mode, **answers)
        return client, lambda name, args: client.call_tool(name, args, progress_handler=self.progress)


def items(listed, member):
    return listed if isinstance(listed, list) else getattr(listed, member)


async def talk(kind, mode, target, prefix):
    seen = {}
    me = Client()
    client, call = getattr(me, kind)(mode, target)

    async def text(name, args={}):
        try:
            return (await call(prefix + name, args)).content[0].text
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    async with client:
        seen["tools"] = sorted(tool.name for tool in items(await client.list_tools(), "tools"))
        seen["echo"] = await text("echo", {"text": "hi"})
        seen["steps"] = await text("steps")
        seen["progress"] = me.told
        for name in ("greet", "think", "roots"):
            seen[name] = await text(name)
        read = await client.read_resource("py://note")
        seen["note"] = items(read, "contents")[0].text
        prompt = await client.get_prompt(prefix + "ask", {"topic": "tea"})
        seen["ask"] = prompt.messages[0].content.text
    return seen


async def main(prefix, runs):
    for kind, mode, target in runs:
        try:
            seen = await asyncio.wait_for(talk(kind, mode, target, prefix), 60)
        except Exception as error:
            seen = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(seen), flush=True)


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
