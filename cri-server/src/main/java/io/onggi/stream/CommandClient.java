package io.onggi.stream;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The client of an exec or attach, whatever protocol it speaks. Writes park while it is slow. */
interface CommandClient {
  Link link();

  Inbox stdin();

  /** JSON, one object a resize: {"Width":columns,"Height":rows}. */
  Inbox resizes();

  void stdout(ByteBuffer bytes) throws IOException;

  void stderr(ByteBuffer bytes) throws IOException;

  /** The last word: status, end of every stream, end of the connection. */
  void end(CommandStatus status) throws IOException;
}
