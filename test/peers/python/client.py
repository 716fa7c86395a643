"""A client on the MCP Python SDK or on fastmcp: python client.py sdk|fastmcp MODE URL|[COMMAND] PREFIX.

Prints one JSON object: what each of its requests brought.
"""

import asyncio
import json
import sys

import mcp_types

kind, mode, target, prefix = sys.argv[1:5]
command = json.loads(target) if target.startswith("[") else None
told = []


async def on_progress(progress, total, message):
    told.append(progress)


async def sdk():
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters

    async def elicit(context, params):
        return mcp_types.ElicitResult(action="accept", content={"name": "Ada"})

    where = StdioServerParameters(command=command[0], args=command[1:]) if command else target
    async with Client(where, mode=mode, elicitation_callback=elicit) as client:
        return await talk(client, lambda name, args: client.call_tool(name, args, progress_callback=on_progress))


async def fastmcp():
    from fastmcp import Client
    from fastmcp.client.transports import StdioTransport

    async def elicit(message, response_type, params, context):
        return {"name": "Ada"}

    where = StdioTransport(command=command[0], args=command[1:]) if command else target
    async with Client(where, mode=mode, elicitation_handler=elicit) as client:
        return await talk(client, lambda name, args: client.call_tool(name, args, progress_handler=on_progress))


def items(listed, member):
    return listed if isinstance(listed, list) else getattr(listed, member)


async def talk(client, call):
    seen = {}
    seen["tools"] = sorted(tool.name for tool in items(await client.list_tools(), "tools"))
    seen["echo"] = (await call(prefix + "echo", {"text": "hi"})).content[0].text
    seen["steps"] = (await call(prefix + "steps", {})).content[0].text
    seen["progress"] = list(told)
    try:
        seen["greet"] = (await call(prefix + "greet", {})).content[0].text
    except Exception as error:
        seen["greet"] = str(error)
    read = await client.read_resource("py://note")
    seen["note"] = items(read, "contents")[0].text
    prompt = await client.get_prompt(prefix + "ask", {"topic": "tea"})
    seen["ask"] = prompt.messages[0].content.text
    return seen


print(json.dumps(asyncio.run(asyncio.wait_for(sdk() if kind == "sdk" else fastmcp(), 60))))
