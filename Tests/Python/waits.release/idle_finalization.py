# A thread waits for what only the end of a dropped object brings about.
import socket
import threading


def serve(listener, received):
    connection, _ = listener.accept()
    with connection:
        received.append(connection.recv(100))
        received.append(connection.recv(100))  # the end of the stream: the client's socket has to be closed


def client(address):
    s = socket.create_connection(address)
    s.sendall(b"request")
    return s


listener = socket.create_server(("127.0.0.1", 0))
for i in range(2):
    received = []
    thread = threading.Thread(target=serve, args=(listener, received))
    thread.start()
    client(listener.getsockname())
    thread.join(30)
    print(received, thread.is_alive())
listener.close()
