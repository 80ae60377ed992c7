"""Bodies of requests that a web server passes on as they come."""
import unittest

from fastcgi import STDIN, Pool, read_answer, record, request

BODY = b" " * 100000


class Pieces(unittest.TestCase):
    def test_of_any_size(self):
        """Small ones fill the socket's buffer long before its nominal
        size."""
        head = request(method="POST", CONTENT_LENGTH=str(len(BODY)))
        head = head[:-len(record(STDIN))]
        for size in (1000, 1400, 4000, 8200):
            with Pool() as pool, pool.connect(5) as sock:
                sock.sendall(head)
                for at in range(0, len(BODY), size):
                    sock.sendall(record(STDIN, BODY[at:at + size]))
                sock.sendall(record(STDIN))
                self.assertEqual(read_answer(sock).status, 404, size)


if __name__ == "__main__":
    unittest.main()
