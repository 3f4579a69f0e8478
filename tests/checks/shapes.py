"""Files in the shapes in which training data and logs come, each of twelve examples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

Record = dict[str, Any]
COUNT: Final = 12
CITIES: Final = ("Oslo", "Rome", "Lima", "Bern", "Cairo", "Quito", "Paris", "Tunis", "Sofia", "Hanoi", "Accra", "Dakar")
LANDS: Final = (
    "Norway", "Italy", "Peru", "Switzerland", "Egypt", "Ecuador", "France", "Tunisia", "Bulgaria", "Vietnam", "Ghana",
    "Senegal",
)  # fmt: skip
SYSTEM: Final = "Answer in one word."
PARAMETERS: Final = {"type": "object", "properties": {"land": {"type": "string"}}, "required": ["land"]}
FUNCTION: Final = {"name": "capital", "description": "The capital of a land", "parameters": PARAMETERS}


def said(role: str, content: Any, **more: Any) -> Record:
    return {"role": role, "content": content, **more}


def conversation(question: str, answer: str) -> list[Record]:
    return [said("system", SYSTEM), said("user", question), said("assistant", answer)]


def openai_chat(question: str, answer: str) -> Record:
    return {"messages": conversation(question, answer)}


def openai_weight(question: str, answer: str) -> Record:
    first = [said("user", question), said("assistant", "Atlantis", weight=0)]
    return {"messages": [*first, said("user", "No."), said("assistant", answer, weight=1)]}


def openai_tools(question: str, answer: str) -> Record:
    function = {"name": "capital", "arguments": json.dumps({"land": question.split()[-1].rstrip("?")})}
    call = {"id": f"call_{answer}", "type": "function", "function": function}
    messages = [
        said("user", question),
        {"role": "assistant", "tool_calls": [call]},
        said("tool", answer, tool_call_id=call["id"]),
        said("assistant", answer),
    ]
    return {"messages": messages, "tools": [{"type": "function", "function": FUNCTION}]}


def openai_functions(question: str, answer: str) -> Record:
    call = {"name": "capital", "arguments": json.dumps({"land": question})}
    messages = [said("user", question), {"role": "assistant", "function_call": call}]
    return {"messages": messages, "functions": [FUNCTION]}


def openai_preference(question: str, answer: str) -> Record:
    return {
        "input": {"messages": [said("user", question)]},
        "preferred_output": [said("assistant", answer)],
        "non_preferred_output": [said("assistant", "Atlantis")],
    }


def openai_reinforcement(question: str, answer: str) -> Record:
    return {"messages": [said("developer", SYSTEM), said("user", question)], "reference_answer": answer}


def prompt_completion(question: str, answer: str) -> Record:
    return {"prompt": f"{question} ->", "completion": f" {answer}\n"}


def trl_tools(question: str, answer: str) -> Record:
    call = {"type": "function", "function": {"name": "capital", "arguments": {"land": question}}}
    messages = [
        said("user", question),
        {"role": "assistant", "tool_calls": [call]},
        said("tool", answer, name="capital"),
        said("assistant", answer),
    ]
    return {"messages": messages, "tools": [{"type": "function", "function": FUNCTION}]}


def trl_preference(question: str, answer: str) -> Record:
    chosen, rejected = [said("assistant", answer)], [said("assistant", "Atlantis")]
    return {"prompt": [said("user", question)], "chosen": chosen, "rejected": rejected}


def trl_prompt_completion(question: str, answer: str) -> Record:
    return {"prompt": [said("user", question)], "completion": [said("assistant", answer)]}


def trl_unpaired(question: str, answer: str) -> Record:
    return {"prompt": [said("user", question)], "completion": [said("assistant", answer)], "label": True}


def gemini(question: str, answer: str) -> Record:
    turns = (("user", question), ("model", answer))
    contents = [{"role": role, "parts": [{"text": text}]} for role, text in turns]
    return {"systemInstruction": {"role": "system", "parts": [{"text": SYSTEM}]}, "contents": contents}


def bedrock(question: str, answer: str) -> Record:
    turns = (("user", question), ("assistant", answer))
    messages = [said(role, [{"text": text}]) for role, text in turns]
    return {"schemaVersion": "bedrock-conversation-2024", "system": [{"text": SYSTEM}], "messages": messages}


def claude(question: str, answer: str) -> Record:
    return {"system": SYSTEM, "messages": conversation(question, answer)[1:]}


def verl(question: str, answer: str) -> Record:
    model = {"style": "rule", "ground_truth": answer}
    return {
        "data_source": "capitals",
        "prompt": [said("user", question)],
        "reward_model": model,
        "ability": "geography",
    }


def axolotl(question: str, answer: str) -> Record:
    return {"segments": [{"label": False, "text": f"<s>{question}"}, {"label": True, "text": f"{answer}</s>"}]}


def alpaca(question: str, answer: str) -> Record:
    return {"instruction": question, "input": "", "output": answer}


def alpaca_preference(question: str, answer: str) -> Record:
    return {"instruction": question, "input": "", "chosen": answer, "rejected": "Atlantis"}


def sharegpt(question: str, answer: str) -> Record:
    return {"conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]}


def sharegpt_preference(question: str, answer: str) -> Record:
    sides = {"chosen": {"from": "gpt", "value": answer}, "rejected": {"from": "gpt", "value": "Atlantis"}}
    return {"conversations": [{"from": "human", "value": question}], **sides}


def batch_request(question: str, answer: str) -> Record:
    body = {"model": "gpt-4.1-mini", "messages": [said("user", question)]}
    return {"custom_id": answer, "method": "POST", "url": "/v1/chat/completions", "body": body}


def batch_response(question: str, answer: str) -> Record:
    body = {"choices": [{"index": 0, "message": said("assistant", answer)}]}
    return {"id": question, "custom_id": answer, "response": {"status_code": 200, "body": body}, "error": None}


def logged(question: str, answer: str) -> Record:
    return {"input": {"messages": [said("user", question)]}, "output": said("assistant", answer)}


def plain_text(question: str, answer: str) -> Record:
    return {"text": f"{question} {answer}"}


def loss_weight(question: str, answer: str) -> Record:
    def part(text: str) -> list[Record]:
        return [{"type": "text", "value": text}]

    return {
        "messages": [
            said("user", part(question), loss_weight=0.0),
            said("assistant", part(answer), loss_weight=1.0),
        ]
    }


SHAPES: Final[dict[str, Callable[[str, str], Record]]] = {
    "openai_chat": openai_chat, "openai_weight": openai_weight, "openai_tools": openai_tools,
    "openai_functions": openai_functions, "openai_preference": openai_preference,
    "openai_reinforcement": openai_reinforcement, "prompt_completion": prompt_completion, "trl_tools": trl_tools,
    "trl_preference": trl_preference, "trl_prompt_completion": trl_prompt_completion, "trl_unpaired": trl_unpaired,
    "gemini": gemini, "bedrock": bedrock, "claude": claude, "verl": verl, "axolotl": axolotl, "alpaca": alpaca,
    "alpaca_preference": alpaca_preference, "sharegpt": sharegpt, "sharegpt_preference": sharegpt_preference,
    "batch_request": batch_request, "batch_response": batch_response, "logged": logged, "plain_text": plain_text,
    "loss_weight": loss_weight,
}  # fmt: skip


def records(shape: str) -> list[Record]:
    """Twelve examples of a shape."""
    make = SHAPES[shape]
    return [make(f"What is the capital of {land}?", city) for land, city in zip(LANDS, CITIES, strict=True)]


def json_lines(some: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in some)


def files() -> dict[str, bytes]:
    """By name, a file of each shape, and files that are no JSON lines."""
    found = {name: json_lines(records(name)) for name in SHAPES}
    chats = records("openai_chat")
    rows = [f'"What is the capital of {land}?",{city}' for land, city in zip(LANDS, CITIES, strict=True)]
    return found | {
        "array": json.dumps(chats, indent=1).encode(),
        "array_a_line": json.dumps(chats).encode() + b"\n",
        "spread": json.dumps({"object": "list", "data": chats}, indent=2).encode(),
        "comma_table": "\n".join(["prompt,completion", *rows, ""]).encode(),
        "tab_table": "\n".join(["prompt\tcompletion", *(row.replace('",', '"\t') for row in rows), ""]).encode(),
        "shift_jis": "".join(
            json.dumps({"messages": conversation(f"{city}の国は?", "知りません")}, ensure_ascii=False) + "\n"
            for city in CITIES
        ).encode("cp932"),
        "byte_order_mark": b"\xef\xbb\xbf" + json_lines(chats),
        "mixed": json_lines([*chats, *records("gemini")[:2]]),
    }
