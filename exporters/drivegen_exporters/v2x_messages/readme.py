"""What the data set says of itself."""

README = """# V2X messages

Messages between vehicles, roadside units and the cloud, with what became of each at every receiver.
Times are simulation time in nanoseconds. `agents.jsonl` lists who is in which scene; `track_id` is the
object that carries the agent in exports of the same captures.

| file | holds |
| --- | --- |
| parquet/SCENE.parquet | one row a message and receiver |
| log/SCENE.pcapng | the bytes as they were on the air and on the wire |
| decoded/SCENE.jsonl | one line a message: its fields, its bytes as hex, what became of it |
| cloud/SCENE.jsonl | one line a picture of the cloud: objects, signals, lanes |
| agents.jsonl | one line an agent |

## parquet

| column | |
| --- | --- |
| scene, frame, number | messages of a scene count from 0; frame is the first after it was made |
| kind | BSM, MAP, SPAT, RSI, RSM (T/CSAE 53-2020), SSM (T/CSAE 157-2020) |
| sender, sender_kind | kinds are ego, vehicle, roadside |
| made_ns, sent_ns | when its content was settled, and when its first bit was on the air |
| receiver, receiver_kind | cloud is a receiver too |
| received_ns | null if it never came |
| cause | why it was lost: range, fading, congestion; null if it came |
| path | los, nlos_vehicle, nlos_building by radio; network by wire |
| distance_m | from sender to receiver at the frame; null for the cloud |
| size_bytes, payload | the MessageFrame in UPER |

## log

pcapng with an interface for each agent and one for the cloud (`if_name`), in the order of `agents.jsonl`.
Outbound packets were sent on the interface, inbound packets came in on it; what was lost is only outbound.
Packets have link type 147 (LINKTYPE_USER0). Their layout, numbers in network order:

| offset | bytes | |
| --- | --- | --- |
| 0 | 1 | version of this layout, 1 |
| 1 | 1 | kind: 1 BSM, 2 MAP, 3 SPAT, 4 RSI, 5 RSM, 6 SSM |
| 2 | 2 | sender: number of its interface |
| 4 | 4 | number of the message |
| 8 | 8 | made_ns |
| 16 | 8 | sent_ns |
| 24 | 4 | n, length of the payload |
| 28 | n | payload |

`drivegen_exporters.v2x_messages.log.read_log` reads it back.
"""
