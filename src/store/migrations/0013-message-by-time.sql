-- Which message a version came in by: both have the instant of one statement.
create index message_received on message (client_id, received_at);
